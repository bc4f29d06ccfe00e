import { ErrorCode, ProtocolError } from './protocol.ts';

/** The operator's own first pause. */
const RETRY_AFTER_SECONDS = 2;

/** For a submission that this server cannot take now. */
export const tryAgain = (message: string): ProtocolError =>
  new ProtocolError(503, ErrorCode.SubmitterOverloaded, message, RETRY_AFTER_SECONDS);
