"""Letters: e-mail to the people in the pictures, and reminders to those who answer for them."""
