import type { State } from '../core/state.js';
import { bytesField, type Field } from './plain-fields.js';
import { encodeState, readState } from './state-codec.js';

/** A state within a rare message. */
export const stateField: Field<State> = {
  pack: encodeState,
  unpack: (raw) => readState(bytesField.unpack(raw)),
};
