"""Eyes: what finds faces and people in pictures, and says how young a face looks."""
