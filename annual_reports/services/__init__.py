"""What is done with annual reports: answered, reviewed, handed in."""
