// An MCP server and its authorization server, both of the official TypeScript SDK. Its demo provider issues no
// refresh tokens; this one does, each for one use, and access tokens that live for OPTIONS.lifetime seconds.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { DemoInMemoryAuthProvider } from '@modelcontextprotocol/sdk/examples/server/demoInMemoryOAuthProvider.js';
import { InvalidGrantError, InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { getOAuthProtectedResourceMetadataUrl, mcpAuthRouter } from '@modelcontextprotocol/sdk/server/auth/router.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express from 'express';

const { lifetime } = JSON.parse(process.env.OPTIONS);
const say = (...words) => console.log(words.join(' '));
const app = express();
const origin = await new Promise((resolve) => {
  const server = createServer(app).listen(0, 'localhost', () => resolve(`http://localhost:${server.address().port}`));
});
const resource = new URL('/mcp', origin);

class Provider extends DemoInMemoryAuthProvider {
  refreshTokens = new Map();

  async exchangeAuthorizationCode(...request) {
    say('logged in');
    return this.issued(await super.exchangeAuthorizationCode(...request));
  }

  async exchangeRefreshToken(client, refreshToken, scopes, requested) {
    const known = this.refreshTokens.get(refreshToken);
    this.refreshTokens.delete(refreshToken);
    if (known?.clientId !== client.client_id || requested?.href !== resource.href) {
      throw new InvalidGrantError('Unknown refresh token');
    }
    say('refreshed');
    this.tokens.set((known.token = randomUUID()), known);
    return this.issued({ access_token: known.token, token_type: 'bearer', scope: known.scopes.join(' ') });
  }

  issued(response) {
    const refreshToken = randomUUID();
    const known = this.tokens.get(response.access_token);
    this.tokens.set(response.access_token, { ...known, expiresAt: Date.now() + lifetime * 1000 });
    this.refreshTokens.set(refreshToken, { ...known });
    return { ...response, expires_in: lifetime, refresh_token: refreshToken };
  }

  async verifyAccessToken(token) {
    try {
      return await super.verifyAccessToken(token);
    } catch (error) {
      throw new InvalidTokenError(error.message);
    }
  }
}

const provider = new Provider((requested) => requested?.href === resource.href);
const { registerClient } = provider.clientsStore;
provider.clientsStore.registerClient = function (client) {
  say('registered', JSON.stringify(client));
  return registerClient.call(this, client);
};
app.use(mcpAuthRouter({ provider, issuerUrl: new URL(origin), resourceServerUrl: resource, scopesSupported: ['mcp:tools'] }));
app.post(
  '/mcp',
  requireBearerAuth({
    verifier: provider,
    requiredScopes: ['mcp:tools'],
    resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(resource),
    expectedResource: resource,
  }),
  express.json(),
  async (request, response) => {
    const server = new McpServer({ name: 'peer', version: '1.0.0' });
    server.registerTool('whoami', { description: 'Says whose token it is' }, ({ authInfo }) => ({
      content: [{ type: 'text', text: `client ${authInfo.clientId}` }],
    }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    response.on('close', () => transport.close());
    await server.connect(transport);
    await transport.handleRequest(request, response, request.body);
  },
);
app.use('/mcp', (request, response) => response.status(405).end());

say(JSON.stringify({ resource }));
