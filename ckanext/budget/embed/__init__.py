"""What stands on other sites: embedded pages, the script that places them, oEmbed."""
