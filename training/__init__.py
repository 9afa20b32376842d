"""Training the noise predictor, its text encoder and its autoencoder."""
