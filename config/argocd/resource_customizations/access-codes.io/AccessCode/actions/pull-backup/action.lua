-- Each new value pulls the backup code once. Its PIN comes into the Secret that status.backupCode.secretRef names.
local os = require("os")
obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["access-codes.io/pull-backup"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
