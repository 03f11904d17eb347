import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Cookies of one purpose each; scripts see none of them. */
export class Cookies {
  constructor(private readonly publicUrl: string | undefined) {}

  read(request: FastifyRequest, name: string): string | undefined {
    const { cookie } = request.headers;
    return cookie === undefined ? undefined : parseCookie(cookie)[this.fullName(request, name)];
  }

  /** Without `maxAgeSeconds` it goes with the browser's session. */
  write(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    value: string,
    maxAgeSeconds?: number,
  ): void {
    const cookie = stringifySetCookie({
      name: this.fullName(request, name),
      value,
      path: '/',
      httpOnly: true,
      secure: this.isSecure(request),
      // Strict would show who follows a link to us, or comes back from the provider, as signed out.
      sameSite: 'lax',
      ...(maxAgeSeconds !== undefined && { maxAge: Math.floor(maxAgeSeconds) }),
    });
    void reply.header('set-cookie', cookie);
  }

  remove(request: FastifyRequest, reply: FastifyReply, name: string): void {
    this.write(request, reply, name, '', 0);
  }

  /** With TLS the name itself keeps neighbouring hosts and plain HTTP from setting the cookie. */
  private fullName(request: FastifyRequest, name: string): string {
    return `${this.isSecure(request) ? '__Host-' : ''}polypod_${name}`;
  }

  private isSecure(request: FastifyRequest): boolean {
    return this.publicUrl?.startsWith('https:') ?? request.protocol === 'https';
  }
}
