"""The policy pack: reads claims out of any resource, ours or hand-written, and judges them by the rules of `plat`."""
