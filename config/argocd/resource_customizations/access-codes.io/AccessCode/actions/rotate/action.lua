-- Each new value has the operator choose another PIN once. It is in the Secret that status.codeSecretRef names before the
-- lock has it; the value is echoed in status.lastHandledRotation.
local os = require("os")
obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["access-codes.io/rotate-requested-at"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
