/** The Chaos service of proto/chaos.proto. */
import type { sendUnaryData, ServerUnaryCall, UntypedHandleCall } from '@grpc/grpc-js';
import type { ChaosState, ClockFault, DiskFault, NodeChaos } from '../ports/chaos.js';
import { refusal } from './grpc-errors.js';

/** Beyond that a clock would leave the range of ballots. */
const OFFSET_MS_MAX = 365 * 24 * 3_600_000;
const DRIFT_PPM_MAX = 1_000_000;
const WRITE_DELAY_MS_MAX = 60_000;

const NOT_FOR_CHAOS =
  'this node was not started for chaos, so that its clock and its disk cannot be touched. Nothing was changed; ' +
  'start the cluster with "fulcrum up --chaos", or in a test with the library fulcrum-kv/chaos';

/** Of a request, the fields of its own message; defaults are filled in. */
type Faults = ClockFault & DiskFault;

/** A handler for each method, by name. `chaos` undefined: all of them refuse. */
export function chaosHandlers(chaos: NodeChaos | undefined): Record<string, UntypedHandleCall> {
  const handler = (change: (node: NodeChaos, request: Faults) => string | undefined): UntypedHandleCall => {
    const handle = ({ request }: ServerUnaryCall<Faults, ChaosState>, answer: sendUnaryData<ChaosState>): void => {
      if (chaos === undefined) return answer(refusal('CONDITION_FAILED', NOT_FOR_CHAOS));
      const problem = change(chaos, request);
      if (problem === undefined) answer(null, chaos.state());
      else answer(refusal('INVALID_ARGUMENT', `${problem}. Nothing was changed.`));
    };
    return handle as UntypedHandleCall;
  };
  return {
    State: handler(() => undefined),
    SetClock: handler((node, { offsetMs, driftPpm }) => {
      if (!isWithin(offsetMs, OFFSET_MS_MAX)) return `offset_ms is at most ${OFFSET_MS_MAX}, either way`;
      if (!isWithin(driftPpm, DRIFT_PPM_MAX)) return `drift_ppm is at most ${DRIFT_PPM_MAX}, either way`;
      node.setClock({ offsetMs, driftPpm });
      return undefined;
    }),
    SetDisk: handler((node, { stalled, writeDelayMs }) => {
      if (!isWithin(writeDelayMs, WRITE_DELAY_MS_MAX) || writeDelayMs < 0) {
        return `write_delay_ms is from 0 to ${WRITE_DELAY_MS_MAX}`;
      }
      node.setDisk({ stalled, writeDelayMs });
      return undefined;
    }),
  };
}

function isWithin(value: number, most: number): boolean {
  return Math.abs(value) <= most;
}
