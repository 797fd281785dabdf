/** An HTTP answer. */
export interface RestAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** `data` is JSON text already. */
export const toSuccess = (data: string): RestAnswer => toJson(`{"success":true,"code":0,"data":${data}}`);

/** Errors come with HTTP status 200 (docs/protocol.md §6). */
export const toFailure = (code: number, message: string): RestAnswer => toJson(JSON.stringify({ success: false, code, message }));

export const toJson = (body: string, status = 200): RestAnswer => ({ status, contentType: 'application/json', body });

export const toPlain = (body: string, status = 200): RestAnswer => ({ status, contentType: 'text/plain', body });

/** What the venue's firewall answers (docs/protocol.md §6). */
export const toFirewallPage = (status: number): RestAnswer => ({
  status,
  contentType: 'text/html',
  body: '<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY>\n<H1>Access Denied</H1>\n</BODY>\n</HTML>\n',
});
