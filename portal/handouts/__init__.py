"""What leaves the site with a page: the picture that chat programs show of a shared address, and a sheet of paper."""
