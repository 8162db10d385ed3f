/** How grpc-js is set up, on both sides. */
import type { ChannelOptions } from '@grpc/grpc-js';
import { FRAME_BYTES_LIMIT } from '../core/defaults.js';

/** A frame's envelope and a unary message's other fields, beside the payload. */
const MESSAGE_SLACK_BYTES = 64 * 1024;
/** A connection that does not answer a ping is closed; nothing else notices a machine that is gone. */
const KEEPALIVE_TIME_MS = 10_000;
const KEEPALIVE_TIMEOUT_MS = 5_000;
/** HTTP/2 starts with 64 KiB, less than two frames of a busy stream: each further one would wait for an update. */
const FLOW_CONTROL_WINDOW_BYTES = 4 * 1024 * 1024;
/** Calls at once on one connection: a pipe needs two, the rest are unary. */
const STREAMS_PER_CONNECTION_MAX = 1_024;

const COMMON: ChannelOptions = {
  'grpc.max_receive_message_length': FRAME_BYTES_LIMIT + MESSAGE_SLACK_BYTES,
  'grpc.max_send_message_length': FRAME_BYTES_LIMIT + MESSAGE_SLACK_BYTES,
  'grpc.keepalive_time_ms': KEEPALIVE_TIME_MS,
  'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
  'grpc.enable_channelz': 0,
};

export const SERVER_OPTIONS: ChannelOptions = {
  ...COMMON,
  'grpc.max_concurrent_streams': STREAMS_PER_CONNECTION_MAX,
};

export const CLIENT_OPTIONS: ChannelOptions = {
  ...COMMON,
  'grpc-node.flow_control_window': FLOW_CONTROL_WINDOW_BYTES,
  'grpc.keepalive_permit_without_calls': 1,
  /** A connection of its own for each channel. Shared ones share their backoff too: one dead link would hold up the next. */
  'grpc.use_local_subchannel_pool': 1,
  /** Streams cannot be retried, and grpc-js would keep a copy of what was sent in case. */
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
};
