import type { LoadedDataConverter, Payload } from '@temporalio/common';

/** What was passed to the data converter: codecs decode in the opposite order. */
export async function decodePayload<T>(
  { payloadCodecs, payloadConverter }: LoadedDataConverter,
  payload: Payload,
): Promise<T> {
  let payloads = [payload];
  for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads);
  return payloadConverter.fromPayload<T>(payloads[0]!);
}
