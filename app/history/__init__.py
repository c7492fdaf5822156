"""What a workspace's prompts were: kept when something is made of one, whatever becomes of the pictures."""
