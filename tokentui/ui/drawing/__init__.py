"""What all panes are drawn with: lines of pieces with named inks, and tables of them."""
