package io.github.oauth2pkce.docs;

import java.io.StringReader;
import java.nio.file.Files;
import java.util.List;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

import io.github.oauth2pkce.docs.Page.Block;

import static org.assertj.core.api.Assertions.assertThat;

/** Each XML block is a part of a build file, with the versions of this build. */
class XmlBlockTests {

	static List<Block> blocks() {
		return Page.all()
			.stream()
			.flatMap((page) -> page.blocks().stream())
			.filter((block) -> block.language().equals("xml"))
			.toList();
	}

	@ParameterizedTest
	@MethodSource("blocks")
	void namesTheVersionsOfThisBuild(Block block) throws Exception {
		Document build = parse(Files.readString(Page.ROOT.resolve("pom.xml")));
		NodeList versions = (NodeList) XPathFactory.newInstance()
			.newXPath()
			.evaluate("//*[local-name()='version']", parsePart(block.text()), XPathConstants.NODESET);
		for (int i = 0; i < versions.getLength(); i++) {
			String group = text(versions.item(i), "../*[local-name()='groupId']");
			if (group.equals("io.github.oauth2pkce")) {
				assertThat(versions.item(i).getTextContent()).isEqualTo(text(build, "/*/*[local-name()='version']"));
			}
			else if (group.equals("org.springframework.boot")) {
				assertThat(versions.item(i).getTextContent())
					.isEqualTo(text(build, "//*[local-name()='spring-boot.version']"));
			}
			else if (group.equals("io.modelcontextprotocol.sdk")) {
				assertThat(versions.item(i).getTextContent()).isEqualTo(text(build, "//*[local-name()='mcp.version']"));
			}
			else if (group.equals("com.github.javakeyring")) {
				assertThat(versions.item(i).getTextContent())
					.isEqualTo(text(build, "//*[local-name()='java-keyring.version']"));
			}
		}
		assertThat(block.text()).containsAnyOf("io.github.oauth2pkce", "org.springframework.boot",
				"io.modelcontextprotocol.sdk", "com.github.javakeyring");
	}

	private static String text(Node node, String path) throws Exception {
		return XPathFactory.newInstance().newXPath().evaluate(path, node);
	}

	/** A part may be several elements. */
	private static Document parsePart(String xml) throws Exception {
		return parse("<part>" + xml + "</part>");
	}

	private static Document parse(String xml) throws Exception {
		DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
		factory.setNamespaceAware(true);
		return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
	}

}
