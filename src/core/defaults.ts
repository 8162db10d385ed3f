/** Every default of the product, with its unit in its name and the reason beside it. */

/** Home replicas of a key: the smallest number with a majority that survives one failure. */
export const REPLICAS_DEFAULT = 3;
/** Points on the ring for each node. */
export const VIRTUAL_NODES = 16;

export const KEY_BYTES_MAX = 1024;
export const VALUE_BYTES_MAX = 1024 * 1024;
/** Larger values travel on a second stream, so that they do not delay small ones. */
export const LARGE_VALUE_BYTES = 16 * 1024;
/** One frame holds at most this much payload before it is closed and another one begun. */
export const FRAME_BYTES_MAX = 1024 * 1024;
/** A received frame above this is refused: a full frame, one value more, and the columns. */
export const FRAME_BYTES_LIMIT = 4 * 1024 * 1024;
/** Operations in one frame at most: bounds what one turn of the event loop works on. */
export const FRAME_OPERATIONS_MAX = 4096;

export const ATTEMPT_TIMEOUT_MS = 1_000;
export const TOTAL_TIMEOUT_MS = 5_000;
export const CONNECT_TIMEOUT_MS = 2_000;
export const RECONNECT_BACKOFF_MIN_MS = 100;
export const RECONNECT_BACKOFF_MAX_MS = 2_000;
/** Of a client, between the beginnings of two attempts: a node that is back is used again within 2 s, the connecting included. */
export const PIPE_RECONNECT_MAX_MS = 1_500;

export const HEARTBEAT_MS = 100;
/** No frame from a peer for this long: it is not reachable until it is heard again. */
export const SUSPECT_AFTER_MS = 1_000;
/** How often a client that hears nothing from a node asks whether it is there: four times before it suspects it. */
export const PIPE_BEAT_MS = SUSPECT_AFTER_MS / 4;
/** A connection on which a node has said nothing for this long is replaced. */
export const PIPE_LOST_AFTER_MS = 3 * SUSPECT_AFTER_MS;

/** D of PROTOCOL.md rule 1: how far ahead of its own clock a replica follows a ballot. */
export const CLOCK_BOUND_MS = 500;
export const CLOCK_WARN_MS = 100;
/**
 * K of rule 13, twice its least: three coordinators that combine eight mutations each on one hot key overflow
 * a window of 16, and what overflows is OUTCOME_UNKNOWN instead of a plain answer.
 */
export const OP_WINDOW_SIZE = 32;
/** Mutations of one key that share a round: a quarter of the window, so that the rest remembers retries (rule 13). */
export const COMBINED_OPERATIONS_MAX = OP_WINDOW_SIZE / 4;
/** Rule 14: no attempt of an operation may outlive this. */
export const OPERATION_LIFETIME_MS = 30_000;

/** Rule 20: how long a name given by a caller stands for its operation. */
export const CLAIM_LIFETIME_MS = 24 * 3_600_000;

/** How often a node looks for values that have expired and that nobody has read. */
export const SWEEP_PERIOD_MS = 1_000;
/** Expired values that are looked at together; where there are more, it goes on after a pause that leaves room for requests. */
export const SWEEP_BATCH = 256;
export const SWEEP_BUSY_PAUSE_MS = 20;

/** Rule 7e: full jitter between attempts of the slow path, doubling from the first to the last. */
export const SLOW_PATH_BACKOFF_MIN_MS = 2;
export const SLOW_PATH_BACKOFF_MAX_MS = 100;
/** A read asks the remaining replicas when those it asked first have not answered by then. */
export const READ_SPREAD_AFTER_MS = 50;
/** A read that repairs waits so long for the replicas that have not refused, before it prepares. */
export const READ_REPAIR_WAIT_MS = 250;

/** How often each peer's Merkle trees are compared with this node's; equal ones cost one exchange of a few bytes. */
export const ANTI_ENTROPY_PERIOD_MS = 10_000;
/** A write younger than this is taken to be still on its way. */
export const ANTI_ENTROPY_YOUNG_MS = 2_000;
/**
 * Leaves of a tree that are compared key by key together, at first: of a million keys a leaf holds 15. Then as many as
 * hold this number of keys, up to the last: the longest keys then fill half a frame.
 */
export const ANTI_ENTROPY_LEAVES = 16;
export const ANTI_ENTROPY_KEYS = 512;
export const ANTI_ENTROPY_LEAVES_MAX = 128;
/** Keys of one comparison that are mended at once; with the largest values, half of what a link may have queued. */
export const ANTI_ENTROPY_MENDS = 32;

/** Items of a page where none are asked for, and at most. */
export const PAGE_ITEMS = 50;
export const PAGE_ITEMS_MAX = 1_000;
/** A page ends before the item that would take its keys and values beyond this, but holds one at least. */
export const PAGE_BYTES_MAX = 1024 * 1024;
/** A page ends, possibly without items, once a node has looked at this many records for it: tombstones count. */
export const PAGE_EXAMINED_MAX = 10_000;
/** How far an offset may reach: every page of it lists everything before it again. */
export const PAGE_OFFSET_MAX = 100_000;
/** Records that a node looks at for one list request: a few milliseconds of its time. */
export const LISTED_AT_ONCE_MAX = 1_000;
/** Once enough nodes have listed their keys, how long the others may take: ten times what they usually need. */
export const LIST_GRACE_MS = 100;

export const RETRY_ATTEMPTS = 3;
export const RETRY_BACKOFF_MIN_MS = 50;
export const RETRY_BACKOFF_MAX_MS = 1_000;

/** Registers kept in memory, by bytes of state; the oldest half leaves at once when it is full. */
export const CACHE_BYTES_MAX = 256 * 1024 * 1024;
/** Requests a node works on at once before it sheds with OVERLOADED, and the bytes they may hold. */
export const IN_FLIGHT_REQUESTS_MAX = 20_000;
export const IN_FLIGHT_BYTES_MAX = 256 * 1024 * 1024;
/** Frames queued towards a peer that does not read, before requests to it fail as unreachable. */
export const LINK_QUEUE_BYTES_MAX = 64 * 1024 * 1024;

export const GRPC_PORT_FIRST = 7401;
export const HTTP_PORT_FIRST = 7501;

/** Clients that a node limits apart, some 100 bytes each; further ones share a limit. */
export const CLIENTS_LIMITED_MAX = 10_000;
/** Of a client that gives itself no name: limits know it by its address. */
export const CLIENT_NAME_DEFAULT = 'client';

/** Circuit breaker. Window, buckets, least number of calls, failing share and first pause are Hystrix's defaults. */
export const BREAKER_WINDOW_MS = 10_000;
export const BREAKER_BUCKETS = 10;
export const BREAKER_CALLS_MIN = 20;
export const BREAKER_FAILING_SHARE = 0.5;
/** Each time the probes fail it stays open twice as long, up to the last. */
export const BREAKER_OPEN_MIN_MS = 5_000;
export const BREAKER_OPEN_MAX_MS = 30_000;
/** Calls that a half-open breaker lets through, and that must all succeed: one alone may be luck. */
export const BREAKER_PROBES = 3;
/** Twice the attempt timeout: a probe that is reported in time is never overtaken by the end of its lease. */
export const BREAKER_PROBE_LEASE_MS = 2 * ATTEMPT_TIMEOUT_MS;

/** A node that is heard while its breaker is open is probed this long after it opened: a healed node is used within 2 s. */
export const BREAKER_HEARD_AFTER_MS = 1_000;
/** Attempts that lost against another one, and are watched for what they say of their node: enough to judge it. */
export const STRAGGLERS_MAX = 1_024;
export const STRAGGLER_BYTES_MAX = 16 * 1024 * 1024;

/** Retry quota of the AWS SDKs (standard mode): bucket, costs of a retry, and what a success puts back. */
export const RETRY_BUDGET_TOKENS = 500;
export const RETRY_COST_TOKENS = 5;
export const RETRY_TIMEOUT_COST_TOKENS = 10;
export const SUCCESS_REFUND_TOKENS = 1;
/** Retries and hedges together, of the calls under way, and how many are allowed whatever that is: Envoy's retry budget. */
export const EXTRA_ATTEMPTS_SHARE = 0.2;
export const EXTRA_ATTEMPTS_MIN = 3;

/** Hedging after the p99 costs about one request in a hundred (Dean and Barroso, "The Tail at Scale", 2013). */
export const HEDGE_QUANTILE = 0.99;
export const HEDGE_DELAY_MIN_MS = 10;
export const HEDGE_DELAY_MAX_MS = 500;
export const HEDGES_MAX = 1;
/** The fewest latencies that have a p99. */
export const HEDGE_SAMPLES_MIN = 100;
/** What the p99 is taken from; a sixth of it is forgotten at a time. */
export const LATENCY_WINDOW_MS = 30_000;
export const LATENCY_SLICES = 6;

/** How fast a node's peak latency is forgotten: Finagle's and linkerd2's decay time. */
export const LOAD_DECAY_MS = 10_000;
/** Waiters of a throttle; beyond them it refuses at once. */
export const THROTTLE_WAITING_MAX = 10_000;

/** Phi at which a silence counts as a loss: once in 10^8 heartbeats by chance (Hayashibara et al. 2004; Akka's default). */
export const PHI_THRESHOLD = 8;
/** Heartbeats are never taken to be steadier than this: a garbage collection or a busy core is no loss. */
export const ARRIVAL_DEVIATION_MIN_MS = 100;
/** Unreachable for this long: dead. No more is sent to it until its link is back. */
export const DEAD_AFTER_MS = 5 * SUSPECT_AFTER_MS;
/** A link that was lost must stay good for this long, doubling with each loss, before it is trusted again. */
export const PROBATION_MIN_MS = 2 * HEARTBEAT_MS;
/** Together with a few heartbeats below the two seconds after which a healed node is used again. */
export const PROBATION_MAX_MS = 1_500;
/** One loss is forgiven for each of these that a link stays good. */
export const LOSS_FORGIVEN_MS = 10_000;

/** Hints kept for one target; more are left to anti-entropy. */
export const HINT_BYTES_MAX = 128 * 1024 * 1024;
/** What a hint costs beside its state: its place in the book and on disk. */
export const HINT_OVERHEAD_BYTES = 128;
/** How long a degraded write waits to hear that its hinted copies are kept, before it is answered without them. */
export const HINT_WAIT_MS = 250;
export const HINT_LIFETIME_MS = 3 * 3_600_000;
/** How often a node looks for hints that are too old, or whose target can be reached again. */
export const HINT_SWEEP_PERIOD_MS = 1_000;
export const HINT_BYTES_PER_SECOND = 1024 * 1024;

/** G of rule 17: above the lifetimes of hints and operations and D. */
export const TOMBSTONE_GRACE_MS = HINT_LIFETIME_MS + 3_600_000;

/** How often entries of the ledger that are too old are dropped. */
export const LEDGER_SWEEP_PERIOD_MS = 3_600_000;
/** How often a node looks for tombstones that may be collected. */
export const COLLECT_PERIOD_MS = 60_000;
/** Tombstones that are looked at together. */
export const COLLECT_BATCH = 64;
export const CONFLICT_LIFETIME_MS = 7 * 24 * 3_600_000;
/** Of each value, so many bytes are kept in the conflict ledger. */
export const CONFLICT_VALUE_BYTES_MAX = 4 * 1024;
/** Writes of one key minted closer together than clocks agree have no order between them. */
export const CONCURRENT_WITHIN_MS = CLOCK_WARN_MS;

/**
 * Counterfactual reads ask every home replica once more: one request in a hundred, and no more reads, and no more writes,
 * than this each second. A node then spends a hundredth or two of a core on them, whatever its load
 * (npm run bench -- --live-cost).
 */
export const COUNTERFACTUAL_SHARE = 0.01;
export const COUNTERFACTUALS_PER_SECOND_MAX = 10;
/** A replica that has not answered by then would not have answered: a client's attempt has ended too. */
export const COUNTERFACTUAL_TIMEOUT_MS = ATTEMPT_TIMEOUT_MS;
/** Of what was sampled, so much is shown: at 100 requests a second, 1 % are then 30. */
export const COUNTERFACTUAL_WINDOW_MS = 30_000;
/** Whoever watches a node live is told once in this time. */
export const LIVE_PERIOD_MS = 1_000;
export const WATCHERS_MAX = 32;
/** A watcher that has not taken what was sent before is left out; after so many times in a row it is dropped. */
export const WATCH_MISSES_MAX = 5;

/** From where on `fulcrum gateway` looks for a free port. */
export const GATEWAY_PORT_FIRST = 7_700;

/** Where `fulcrum balance` listens: the port before the nodes' own. */
export const L4_PORT = GRPC_PORT_FIRST - 1;
/** A node is looked at so often; so many failures in a row take it out, and so many successes bring it back. */
export const L4_CHECK_PERIOD_MS = 250;
export const L4_FALL = 2;
export const L4_RISE = 1;
/** A check, or a connection to a node, that takes longer has failed: what the HAProxy of our tests waits for a connection. */
export const L4_CONNECT_TIMEOUT_MS = 500;
/** Clients' connections at once; each takes two descriptors. */
export const L4_CONNECTIONS_MAX = 1_024;
/** How long open connections may go on once the balancer is told to end. Streams of the SDK never end by themselves. */
export const L4_DRAIN_MS = 5_000;
/** A connection that is idle for so long is asked by TCP whether its other end is still there. */
export const L4_KEEPALIVE_MS = 30_000;
