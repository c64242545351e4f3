import { watch } from 'vue'
import { inBrowser, useData } from 'vitepress'
import theme from 'vitepress/theme'
import './style.css'

export default {
  extends: theme,
  setup() {
    if (!inBrowser) return
    // The theme marks the main part of all pages but the first one.
    const { frontmatter } = useData()
    watch(frontmatter, ({ layout }) => {
      const content = document.getElementById('VPContent')
      if (layout === 'home') content?.setAttribute('role', 'main')
      else content?.removeAttribute('role')
    }, { immediate: true, flush: 'post' })
  }
}
