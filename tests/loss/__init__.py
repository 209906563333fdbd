"""Tests of loss: what a report must bring, how long it stops the card, how it ends."""
