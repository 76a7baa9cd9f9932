"""The local target: real servers and processes on this machine, kept by supervisord.

`sdk` is for Pulumi programs, `runtime` for the command line; `__main__` is the plugin that Pulumi starts.
"""
