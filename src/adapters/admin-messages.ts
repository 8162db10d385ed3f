/** The messages of proto/admin.proto, from what a node says and back again at the operator's side. */
import type { Conflict, ConflictSide } from '../core/conflict-ledger.js';
import { formatVersion } from '../core/version.js';
import type { AdminStatus, PeerStatus, PolicyProgress } from '../ports/admin.js';

export function statusMessage(status: AdminStatus): object {
  const { cluster, process, replicas, nodes, ready, stand, settlingProgress, peers, repair } = status;
  return {
    cluster,
    node: process.node,
    incarnation: process.incarnation,
    policy: stand.policy,
    replicas,
    nodes,
    reachable: peers.filter(({ reachable }) => reachable).map(({ id }) => id),
    ready,
    policyEpoch: stand.epoch,
    policySettled: stand.settled,
    settlingProgress,
    peers: peers.map(peerMessage),
    repair: { ...repair, comparing: repair.comparing ?? '' },
  };
}

export function progressMessage({ phase, stand, waitingFor, settled, keys, reason }: PolicyProgress): object {
  return {
    phase,
    policy: stand.policy,
    policyEpoch: stand.epoch,
    waitingFor,
    settledShare: settled,
    keys,
    reason: reason ?? '',
  };
}

export function conflictMessage({ key, discarded, winner, certain, heldBy, seenAt }: Conflict): object {
  return {
    key,
    discarded: sideMessage(discarded),
    winner: sideMessage(winner),
    certain,
    heldBy,
    seenAtMs: Math.floor(seenAt / 1_000),
  };
}

function peerMessage({ roundTripMs, clockOffsetMs, ...peer }: PeerStatus): object {
  return {
    ...peer,
    ...(roundTripMs !== undefined && { roundTripMs }),
    ...(clockOffsetMs !== undefined && { clockOffsetMs }),
  };
}

function sideMessage({ version, ballot, encoding, value, valueBytes }: ConflictSide): object {
  return {
    version: formatVersion(version),
    writer: ballot.node,
    writtenAtMs: Math.floor(version.time / 1_000),
    deleted: value === null,
    value: value ?? new Uint8Array(0),
    encoding: encoding.toUpperCase(),
    valueBytes,
  };
}
