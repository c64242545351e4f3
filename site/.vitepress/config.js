import fs from 'node:fs'
import path from 'node:path'
import { defineConfig } from 'vitepress'
import { ROOT, address, anchor, codeHost, linkFrom, menu, pageOf, version } from './pages.js'

const base = process.env.SITE_BASE ?? '/'

/** The other versions that are published, beside this one. */
const versions = (process.env.SITE_VERSIONS ?? '').split(' ').filter(Boolean)

const ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><g fill="none" stroke="#3451b2" stroke-width="4">'
  + '<circle cx="11" cy="16" r="7"/><path d="M18 16h12M26 16v7"/></g></svg>'

/** What people do comes before what is inside. */
const SEARCH = {
  translations: { button: { buttonText: 'Search', buttonAriaLabel: 'Search' } },
  miniSearch: {
    searchOptions: {
      boost: { title: 4, titles: 2, text: 1 },
      boostDocument: (page) => /\/(standards|acceptance|architecture|changelog|adr\/.*)(\.html)?(#|$)/.test(page) ? 0.2 : 1
    }
  }
}

export default defineConfig({
  base,
  srcDir: '..',
  srcExclude: fs.readdirSync(ROOT).filter((name) => !['docs', 'site', 'CHANGELOG.md'].includes(name)).flatMap((name) => [name, name + '/**']),
  outDir: '../target/site',
  cacheDir: '../target/site-cache',
  rewrites: (file) => pageOf(file) ?? file,
  title: 'oauth2-pkce-starter',
  description: 'Device-code and browser logins with PKCE, and refresh-only bearers, for Spring Boot clients',
  lang: 'en',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  ignoreDeadLinks: false,
  // The pages are outside this directory, and what they import is inside.
  vite: {
    resolve: {
      alias: [
        { find: /^vue\/server-renderer$/, replacement: path.join(ROOT, 'site/node_modules/vue/server-renderer/index.mjs') },
        { find: /^vue$/, replacement: path.join(ROOT, 'site/node_modules/vue/dist/vue.runtime.esm-bundler.js') }
      ]
    }
  },
  markdown: {
    anchor: { slugify: anchor },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    languageAlias: { promql: 'text' },
    config(markdown) {
      markdown.core.ruler.push('links-of-the-repository', (state) => {
        const { path: page, realPath = page } = state.env
        if (!realPath) return
        const file = path.relative(ROOT, realPath)
        for (const token of state.tokens.flatMap((block) => block.children ?? [])) {
          if (token.type === 'link_open') token.attrSet('href', linkFrom(file, token.attrGet('href')))
        }
      })
      // A picture for each colour scheme follows the site's switch, and not only the system's.
      const html = markdown.renderer.rules.html_block
      markdown.renderer.rules.html_block = (tokens, index, ...rest) => {
        const block = tokens[index].content
        const picture = /<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)">\s*<img src="([^"]+)"([^>]*)>\s*<\/picture>/
        tokens[index].content = block.replace(picture, (all, dark, light, attributes) => ['light', 'dark']
          .map((scheme) => `<img class="only-${scheme}" loading="lazy" src="./${scheme === 'dark' ? dark : light}"${attributes}>`).join('\n'))
        return html(tokens, index, ...rest)
      }
      // Wide tables scroll, which has to be possible with the keyboard too. A head without a word is no head.
      markdown.renderer.rules.table_open = () => '<table tabindex="0">\n'
      markdown.core.ruler.push('empty-heads', ({ tokens }) => tokens.forEach((token, index) => {
        if (token.type === 'th_open' && !tokens[index + 1].content) token.tag = tokens[index + 2].tag = 'td'
      }))
    }
  },
  themeConfig: {
    nav: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Troubleshooting', link: '/troubleshooting' },
      { text: 'Configuration', link: '/configuration' },
      {
        text: version,
        items: [
          { text: 'Changelog', link: '/changelog' },
          { text: 'Upgrading', link: '/upgrade' },
          ...versions.map((other) => ({ text: other, link: address.replace(/[^/]+$/, other) + '/', target: '_self' }))
        ]
      }
    ],
    sidebar: menu(),
    outline: [2, 3],
    search: { provider: 'local', options: SEARCH },
    socialLinks: [{ icon: 'github', link: codeHost, ariaLabel: 'The sources' }],
    externalLinkIcon: true,
    footer: { message: `Version ${version}. Apache License 2.0.` }
  },
  buildEnd({ outDir }) {
    fs.cpSync(path.join(ROOT, 'docs/operations'), path.join(outDir, 'operations'), { recursive: true })
  }
})
