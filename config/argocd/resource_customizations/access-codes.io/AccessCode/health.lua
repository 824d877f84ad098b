-- The AccessCode CRD follows kstatus: Ready always; Reconciling and Stalled only while they are true, with the same
-- reason and message as Ready. Uses nothing but what argocd-cm offers to a script: no string, no math.
local status = obj.status or {}
local generation = obj.metadata.generation

-- A condition that speaks of an earlier generation is none: it would end a sync by what was wanted before.
local function current(name)
  for _, condition in ipairs(status.conditions or {}) do
    if condition.type == name and condition.observedGeneration == generation then
      return condition
    end
  end
  return nil
end

local ready = current("Ready")
local hs = {status = "Progressing", message = "Waiting for the operator to see this change"}
if ready ~= nil then
  hs.message = ready.reason .. ": " .. ready.message
end

-- Deletion outranks suspend. It ends when Seam says that the code is off the lock. Argo CD asks from 3.6 on; before, it
-- says "Pending deletion" by itself.
if obj.metadata.deletionTimestamp ~= nil then
  hs.deletionMessage = "Pending deletion"
  if ready ~= nil then
    hs.deletionMessage = "Pending deletion; " .. hs.message
  end
  hs.message = hs.deletionMessage
  return hs
end

-- Before the generation, which stays behind where a change waits for the AccessCode to be resumed.
if obj.spec.suspend then
  hs.status = "Suspended"
  hs.message = "Suspended: the code stays as it is until spec.suspend is false"
  return hs
end

-- While this spec waits to be let through to Seam, Ready says for what.
if ready == nil or status.observedGeneration ~= generation then
  return hs
end

-- Scheduled and Expired are Ready, too: no sync waits for a window to begin, or fails since it is over.
if ready.status == "True" then
  hs.status = "Healthy"
elseif current("Stalled") ~= nil then
  hs.status = "Degraded"
end
return hs
