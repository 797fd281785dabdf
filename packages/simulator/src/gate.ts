/** How many requests are still turned away, and with what HTTP status; without a status TCP just ends. */
export interface Refusal {
  readonly status: number | undefined;
  left: number;
}

/** Who is let in. Used by the HTTP server, set by faults. */
export class Gate {
  handshakes: Refusal = { status: undefined, left: 0 };
  rest: Refusal = { status: undefined, left: 0 };
  /** Set by the server: closes the port for some milliseconds. */
  closeFor: (ms: number) => void = () => {};
}

/** True when this request is turned away, which uses up one refusal. */
export function takeRefusal(refusal: Refusal): boolean {
  if (refusal.left <= 0) return false;
  refusal.left -= 1;
  return true;
}
