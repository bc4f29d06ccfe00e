/** Why Temporal's native core cannot connect, in its text of Rust types: the operating system's or the server's words. */
export function nativeReason(message: string): string {
  const system = /Os \{ code: \d+, kind: \w+, message: "([^"]+)" \}/.exec(message)?.[1];
  const server = /Status \{ code: \w+, message: "([^"]+)"/.exec(message)?.[1];
  return (system ?? server ?? message.split(/[({]/, 1)[0]!).trim().replace(/[.:]$/, '');
}

/** The Temporal namespace that the message reports as missing. */
export function missingNamespace(message: string): string | undefined {
  return /Namespace (\S+) was not found[^]*code: NotFound/.exec(message)?.[1];
}
