"""What finds keypoints."""
