"""Tests of the emulated organization, through boto3 and a running server."""
