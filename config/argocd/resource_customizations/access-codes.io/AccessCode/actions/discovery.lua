-- A suspended AccessCode is not looked at, and one that is being deleted goes its way whatever else is asked.
local suspended = obj.spec.suspend == true
local deleted = obj.metadata.deletionTimestamp ~= nil
local backup = obj.spec.backup ~= nil

return {
  ["sync"] = {
    ["disabled"] = suspended and not deleted,
    ["iconClass"] = "fa fa-fw fa-sync",
    ["displayName"] = "Sync with Seam"
  },
  ["pull-backup"] = {
    ["disabled"] = suspended or deleted or not backup,
    ["iconClass"] = "fa fa-fw fa-key",
    ["displayName"] = "Pull backup code"
  },
  ["suspend"] = {
    ["disabled"] = suspended or deleted,
    ["iconClass"] = "fa fa-fw fa-pause",
    ["displayName"] = "Suspend"
  },
  ["resume"] = {
    ["disabled"] = deleted or not suspended,
    ["iconClass"] = "fa fa-fw fa-play",
    ["displayName"] = "Resume"
  }
}
