/** How many statements run at once by default. The process needs as many libuv threads and a few more. */
export const DEFAULT_SESSIONS = 8;
