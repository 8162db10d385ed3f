import type { ReceiptShape } from '../../src/core/receipt.js';

/** Of a get at QUORUM that went as it should. */
export const RECEIPT: ReceiptShape = {
  operation: 'get',
  level: 'QUORUM',
  policy: 'PC/EC',
  guarantee: 'linearizable',
  acks: 2,
  required: 2,
  replicas: ['n1', 'n2'],
  missing: [],
  hinted: 0,
  degraded: false,
  durableCopies: 2,
  rounds: 1,
  coordinator: 'n1',
  replayed: false,
  superseded: false,
};
