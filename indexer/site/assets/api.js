/** The one way to the service: a request gives its JSON, or an error that a person can read. */

import { meta } from "./dom.js";

/**
 * Why there is no answer.
 *
 * `kind` is "away" (no service, or a fault), "busy" (too many requests), "forbidden" (key or
 * sign-in missing) or "refused" (the request is not valid). `message` is for people.
 */
export class ApiError extends Error {
  /**
   * @param {"away"|"busy"|"forbidden"|"refused"} kind
   * @param {string} message
   * @param {?number} [retryAfter_s] when to try again; null: unknown
   */
  constructor(kind, message, retryAfter_s = null) {
    super(message);
    this.name = "ApiError";
    this.kind = kind;
    this.retryAfter_s = retryAfter_s;
  }
}

const AWAY = "The service cannot be reached.";

/**
 * Return the error that an HTTP status means.
 *
 * @param {number} status
 * @param {?{detail?: string, request_id?: string}} problem the body, where it is problem+json
 * @param {?string} retryAfter the header
 * @returns {ApiError}
 */
export function errorOf(status, problem, retryAfter) {
  const wait_s = /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) : null;
  if (status === 429) {
    return new ApiError("busy", "Too many questions at once; try again in a minute.", wait_s ?? 60);
  }
  if (status === 401 || status === 403) {
    return new ApiError("forbidden", "This site needs a key or a sign-in for that.");
  }
  if (status < 500 && problem?.detail) return new ApiError("refused", problem.detail);
  if (status < 500) return new ApiError("away", "This site has no question service.");
  const report = problem?.request_id ? ` Its request id is ${problem.request_id}.` : "";
  const fault = status === 500 ? `The service has a fault.${report}` : "The service cannot answer at the moment.";
  return new ApiError("away", fault, wait_s);
}

/** Whether somebody took the question back, so that there is nothing to tell. */
export function isAbort(error) {
  return error?.name === "AbortError";
}

/**
 * Send a request to the service and return its JSON.
 *
 * @param {string} path below the API's base, such as "search"
 * @param {Object} [body] sent as JSON by POST; without one the request is a GET
 * @param {{signal?: AbortSignal, timeout?: number, keepalive?: boolean}} [options]
 *   `timeout` in milliseconds; `keepalive` outlives the page
 * @returns {Promise<Object>}
 * @throws {ApiError} there is no answer
 * @throws {DOMException} AbortError: `signal` took the request back
 */
export async function request(path, body, { signal, timeout = 8000, keepalive = false } = {}) {
  const limit = AbortSignal.timeout(timeout);
  const url = new URL(path, new URL(meta("sop-api") ?? "/api/v1/", location.href));
  try {
    const response = await fetch(url, {
      method: body ? "POST" : "GET",
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      keepalive,
    });
    const answer = await response.json().catch((error) => {
      // A proxy may answer in HTML: that is no answer, whatever its status.
      if (error instanceof SyntaxError) return null;
      throw error;
    });
    if (!response.ok) throw errorOf(response.status, answer, response.headers.get("Retry-After"));
    if (answer === null) throw new ApiError("forbidden", "This site may need you to sign in again.");
    return answer;
  } catch (error) {
    if (error instanceof ApiError || isAbort(error)) throw error;
    const late = error?.name === "TimeoutError";
    throw new ApiError("away", late ? `The service did not answer within ${timeout / 1000} seconds.` : AWAY);
  }
}
