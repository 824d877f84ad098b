-- A suspended AccessCode is not looked at, and one that is being deleted goes its way whatever else is asked.
local suspended = obj.spec.suspend == true
local deleted = obj.metadata.deletionTimestamp ~= nil
local backup = obj.spec.backup ~= nil
-- Only a PIN that the operator has chosen is replaced by another: not one that was given, nor one of the provider.
local chosen = obj.spec.code == nil and obj.spec.codeFrom == nil and obj.spec.offline == nil

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
  ["rotate"] = {
    ["disabled"] = suspended or deleted or not chosen,
    ["iconClass"] = "fa fa-fw fa-redo",
    ["displayName"] = "Choose another PIN"
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
