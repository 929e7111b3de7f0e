"""What pipelines need around the command line: comments, issues, annotations, the GitHub action. No third party."""
