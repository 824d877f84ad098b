// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import "fmt"

// howMeasured is the last section of the page.
func howMeasured(s conditions) string {
	return fmt.Sprintf(`## How it is measured

Each size has a control plane, a simulator of Seam and an operator of its own, which start empty. All of them, the
client that applies and watches AccessCodes, and the peers share one machine: the figures say how the program compares,
not how fast Seam is. Seam is the simulator: it has no network, no outage and nobody else's load.

- **converge**: from the first create call until a watch has seen the last AccessCode Ready with reason Set at its
  generation. %d goroutines apply. %d codes on a device, as the operator keeps to Seam's limits whether Seam enforces
  them or not, and so many creates are what a device takes in a minute. One PIN in %d is left to Seam.
- **idle**: %s in which nobody changes anything, so that one look at all codes is among it; the hour is
  scaled from that.
- **restart**: SIGTERM, then from the start of the new process until each code was part of an answer of
  /access_codes/get or /access_codes/list. Everything that the new process asked for is counted.
- **lock**: 1 %% of the codes get another PIN at their lock, spread over %s: from the change until the watch sees Ready take another status or reason, or Seam was told to put the PIN back,
  whichever is first. One that is not seen within %s is missed, and slower than all that are seen.
- **edit**: all codes are renamed at once; meanwhile %d AccessCodes of another namespace get another PIN one after the
  other, at most %d times, as long as the others converge: from the patch call until Seam has it, by Seam's clock,
  which is this machine's.
- **delete**: from the first delete call until the last AccessCode and the last code are gone.
- **limits**: converge with Seam's limits enforced and %d codes on a device. The best that the limits allow is one minute,
  one request and the time of a lock; it leaves out that applying the AccessCodes takes time too.
- **shards**: converge with two operators, each of which serves the AccessCodes that its --shard-selector picks; one in %d
  changes to the other as soon as it is applied. What the two take of the machine is not counted.

Seam calls and 429s are counted by the simulator, Kubernetes requests by the operator's own metric
rest_client_requests_total (reads are GET, the beginnings of watches among them; leader election is off). Calls that
follow within two seconds of the last one count as part of a scenario. Processor time is from /proc/<pid>/stat, of the
operator and of etcd, kube-apiserver and kube-controller-manager together; peak memory is VmHWM, the most of all
processes of the operator up to the end of the scenario. Percentiles are of the nearest rank.

The peers run when the operator has ended, on devices of their own. The **Go loop** is the floor: all creates with so many in
flight, then gets in rounds a second apart until each code is set. The **JavaScript loop** does the same with the official
client. **Within the limits** it creates each code in the moment in which its device takes one more. The **polling
controller** gets each code once a minute, and each at its start.
`, appliers, freePerDevice, oneInChosen, s.Idle, lockSpread, s.Patience, editedCodes, edits, limitedPerDevice, oneInMoves)
}
