"""The deposit desk: several files at once, each looked at, then published on the depositor's word."""
