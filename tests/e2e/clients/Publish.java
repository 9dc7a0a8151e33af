/* Publishes with the HTTP client of the JDK as it is by default: it offers HTTP/2 on each request. */

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;

public class Publish {
  /** Takes the address, and for each request `stated` or `chunked`, a media type and a file. */
  public static void main(String[] words) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    for (int at = 1; at < words.length; at += 3) {
      byte[] body = Files.readAllBytes(Path.of(words[at + 2]));
      BodyPublisher sent =
          words[at].equals("chunked")
              ? BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))
              : BodyPublishers.ofByteArray(body);
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(words[0] + "/events"))
              .header("Content-Type", words[at + 1])
              .POST(sent)
              .build();
      var answer = client.send(request, BodyHandlers.ofString());
      System.out.println(answer.statusCode() + " " + answer.body());
    }
  }
}
