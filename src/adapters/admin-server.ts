/** The Admin service of proto/admin.proto: what a node tells operators, and does for them. */
import type { sendUnaryData, ServerUnaryCall, ServerWritableStream, UntypedHandleCall } from '@grpc/grpc-js';
import { isPolicy, POLICIES } from '../core/policy.js';
import type { AdminService } from '../ports/admin.js';
import { conflictMessage, progressMessage, statusMessage } from './admin-messages.js';
import { refusal } from './grpc-errors.js';

const CONFLICTS_DEFAULT = 100;
const CONFLICTS_MAX = 1_000;

interface ChangePolicyRequest {
  readonly policy: string;
}

interface ConflictsRequest {
  readonly after: string;
  readonly limit: number;
}

/** A handler for each method, by name. */
export function adminHandlers(admin: AdminService): Record<string, UntypedHandleCall> {
  return {
    Status: statusHandler(admin) as UntypedHandleCall,
    ChangePolicy: changePolicyHandler(admin) as UntypedHandleCall,
    Conflicts: conflictsHandler(admin) as UntypedHandleCall,
  };
}

function statusHandler(admin: AdminService) {
  return (_call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>): void => {
    answer(null, statusMessage(admin.status()));
  };
}

function changePolicyHandler(admin: AdminService) {
  return (call: ServerWritableStream<ChangePolicyRequest, object>): void => {
    const { policy } = call.request;
    if (!isPolicy(policy)) {
      const known = POLICIES.join(', ');
      call.emit(
        'error',
        refusal('INVALID_ARGUMENT', `policy is one of ${known}, not "${policy}". Nothing was changed.`),
      );
      return;
    }
    admin.changePolicy(policy, (progress) => {
      if (call.cancelled || call.destroyed) return;
      call.write(progressMessage(progress));
      if (progress.phase === 'done' || progress.phase === 'refused') call.end();
    });
  };
}

function conflictsHandler(admin: AdminService) {
  return ({ request }: ServerUnaryCall<ConflictsRequest, object>, answer: sendUnaryData<object>): void => {
    const limit = request.limit === 0 ? CONFLICTS_DEFAULT : request.limit;
    if (limit > CONFLICTS_MAX) {
      answer(refusal('INVALID_ARGUMENT', `limit is at most ${CONFLICTS_MAX}, not ${limit}`));
      return;
    }
    admin.conflicts(request.after, limit, (error, conflicts, next) => {
      if (error === null) answer(null, { conflicts: conflicts.map(conflictMessage), next: next ?? '' });
      else answer(refusal('UNAVAILABLE', error.message));
    });
  };
}
