// Loaded into a worker process before its own modules (`--import`): its clock is wrong by so many milliseconds.
const byMs = Number(process.env['CHAOS_CLOCK_MS'] ?? 0);
const Right = Date;

globalThis.Date = new Proxy(Right, {
  construct: (target, args: [], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [Right.now() + byMs] : args, newTarget) as object,
  apply: () => new Date().toString(),
  get: (target, property, receiver) =>
    property === 'now' ? () => Right.now() + byMs : (Reflect.get(target, property, receiver) as unknown),
});
