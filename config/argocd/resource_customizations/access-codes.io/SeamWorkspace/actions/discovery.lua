local suspended = obj.spec.suspend == true
local deleted = obj.metadata.deletionTimestamp ~= nil

return {
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
