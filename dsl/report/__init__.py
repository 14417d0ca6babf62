"""Findings for machines: JSON objects, SARIF and the commands of GitHub's workflows. Pure: data in, data out."""
