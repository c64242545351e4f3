/**
 * A page about logins, made with what the starter offers every application: its beans,
 * its application events and its meters.
 */
@NullMarked
package io.github.oauth2pkce.sample.client.page;

import org.jspecify.annotations.NullMarked;
