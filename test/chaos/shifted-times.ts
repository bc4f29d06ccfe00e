import type { IncomingHttpHeaders } from 'node:http2';
import { Transform } from 'node:stream';
import type { Clocks } from './setting.ts';

/** Fields whose values are times by the API server's clock; all others of a pod, an event or a node are its node's. */
const OF_THE_API_SERVER = new Set(['creationTimestamp', 'deletionTimestamp', 'time']);
const FIELD = /"(\w+)":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)((?:\.\d+)?Z)"/g;
/**
 * Changes the times in what an API server answers, as if its clock and those of the nodes were wrong. A time keeps its
 * length, so that all else stays true.
 *
 * @param headers of the answer, changed in place
 * @returns what the body must pass
 */
export function shiftTimes({ apiServer, nodes }: Clocks, headers: IncomingHttpHeaders): Transform {
  if (headers.date !== undefined) headers.date = new Date(Date.parse(headers.date) + apiServer).toUTCString();
  const shift = (text: string): string =>
    text.replace(FIELD, (_, field: string, time: string, rest: string) => {
      const by = OF_THE_API_SERVER.has(field) ? apiServer : nodes;
      return `"${field}":"${new Date(Date.parse(`${time}Z`) + by).toISOString().slice(0, 19)}${rest}"`;
    });
  let held = '';
  return new Transform({
    transform(chunk: Buffer, _, done) {
      // Byte by byte: a character of several may be cut in two, too.
      const text = held + chunk.toString('latin1');
      // The last field may be cut in two. Events of a watch end with a line, and are not held back.
      const cut = text.endsWith('\n')
        ? text.length
        : Math.max(...[',', '{', '}'].map((end) => text.lastIndexOf(end))) + 1;
      held = text.slice(cut);
      done(null, Buffer.from(shift(text.slice(0, cut)), 'latin1'));
    },
    flush(done) {
      done(null, Buffer.from(shift(held), 'latin1'));
    },
  });
}
