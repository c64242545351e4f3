/**
 * Tests of Spring applications: logins at a server of the test's own, or bearers without
 * any server.
 */
@NullMarked
package io.github.oauth2pkce.testing.spring;

import org.jspecify.annotations.NullMarked;
