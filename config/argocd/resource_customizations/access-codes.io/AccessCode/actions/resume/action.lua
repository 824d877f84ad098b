-- False, not taken away: so it is in sync with a manifest that says false, and with one that does not name it.
obj.spec.suspend = false
return obj
