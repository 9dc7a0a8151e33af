"""The list desk: workbooks of offices become events, sent to the doors like those of any publisher.

It knows the contract and the vocabulary; it imports no other service (ADR 14).
"""
