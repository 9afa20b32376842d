"""What is covered of Stable Diffusion 1 and 2, how well it is measured, and the page that says so."""
