"""What the commands share towards the user: options, output, and opening what they name."""
